# Rimborsi: le ragioni della regola, gli errori.

refund-why-credit = Il credito è di { $credit }.
refund-why-no-credit = Non c’è credito da restituire.
refund-why-still-there = Il servizio è ancora in uso: il credito resta per i prossimi addebiti.
refund-why-late = La richiesta andava fatta entro il { $deadline }: il credito resta sul conto.
refund-why-arrears = Su altri conti si devono { $arrears }: { $withheld } del credito li coprono.
refund-why-transfer-wanted = La famiglia chiede di spostare il credito a { $child }.
refund-why-sibling = { $child } usa ancora un servizio: il credito passa a { $child } e non si rimborsa.
refund-why-below = Restano { $rest }: sotto { $minimum } non si rimborsa.
refund-why-below-meal = Restano { $rest }, meno del prezzo di un pasto ({ $minimum }): non si rimborsa.
refund-why-paid = Si rimborsano { $amount }.
refund-why-within = Il Comune paga entro { $days } giorni.

error-transfer-accounts = Il credito si sposta solo tra due conti diversi dello stesso intestatario.
error-transfer-paid = Puoi spostare al massimo { $most }: quanto è stato versato su questo conto e non è già stato spostato o rimborsato.
error-transfer-credit = Scrivi un importo fino al credito che c’è: { $credit }.
error-write-off-amount = Si stralcia al massimo il saldo, e verso lo zero: il saldo è { $balance }.
error-reversed-already = Questo movimento è già stato stornato.
error-policy-file = La regola non si legge: { $fault }
error-iban = Controlla l’IBAN: le cifre di controllo non tornano. Un IBAN italiano ha 27 caratteri e comincia con IT.
error-policy-suspend-always-eats = Riga { $line }: con `always_eats = true`, o senza quella riga, il bambino mangia sempre e niente si sospende. Scrivi `always_eats = false` nella parte [credit], oppure togli la riga { $line }.
error-policy-suspend-meals = Riga { $line }: `suspend_below_meals` è un numero di pasti a debito, da -1 a -250. Scrivi per esempio `suspend_below_meals = -5`.
error-policy-unused = La parte `[unused]` non si applica ai rimborsi: quello che si toglie per i giorni non usati si scrive nella tariffa (`consecutive_absence_days`). Toglila e pubblica di nuovo.
error-refund-no-credit = Su questo conto non c’è credito.
error-refund-open = Per questo conto c’è già una richiesta aperta.
error-refund-state = Questa richiesta è cambiata nel frattempo: guarda com’è adesso.
error-refund-no-bank = Manca l’IBAN della famiglia: chiedilo prima di approvare.
error-refund-amount = Scrivi un importo da 0,01 fino a { $most }: il credito, tolto quello che va sui debiti.
error-refund-nothing-owed = Su altri conti non ci sono debiti da coprire.
error-collection-none = Segna almeno un debitore.
error-collection-too-old = Questa preparazione è troppo vecchia: le sue prime lettere non ci sono più. Avviane una nuova.
error-refund-list-empty = Nessun rimborso approvato è coperto dal credito: non c’è niente da mettere in un elenco.
error-refund-paid-on = Scrivi un giorno tra quello dell’elenco ({ $from }) e oggi.



# Pagine della famiglia.

payments-refunds = Un bambino non usa più un servizio e resta del credito?
statement-refunds = Chiedi il rimborso di un credito
refunds-title = Rimborsi
refunds-intro = Il credito che resta su un conto si può riavere o spostare su un altro figlio.
refunds-credits = I tuoi crediti
refunds-none-title = Nessun credito
refunds-none = Su nessun conto c’è un credito da riavere.
refunds-credit-of = { $child } – { $service }
refunds-ask = Chiedi il rimborso
refunds-mine = Le tue richieste
refunds-mine-none = Non hai ancora chiesto rimborsi.
refunds-when = Chiesto il
refunds-for = Per
refunds-amount = Importo
refunds-state = Stato
refunds-see = Vedi la richiesta
refunds-state-asked = Chiesto
refunds-state-approved = Approvato
refunds-state-listed = In pagamento
refunds-state-paid = Pagato
refunds-state-returned = Tornato indietro
refunds-state-rejected = Non pagato
refunds-state-transferred = Credito spostato
refunds-state-refused = Non accolto
refunds-state-withdrawn = Ritirato
refund-new-title = Chiedi un rimborso
refund-new-intro = Ricevi il credito sul tuo conto in banca o alle poste. L’ufficio controlla e ti scrive.
refund-new-intro-transfer = Il credito passa a un altro conto dei servizi scolastici. L’ufficio controlla e ti scrive.
refund-new-rather-account = Preferisci spostarlo a un altro figlio o servizio?
refund-new-rather-bank = Preferisci riceverlo sul tuo conto in banca?
refund-new-account = Da quale conto
refund-new-credit = credito { $credit }
refund-new-iban = IBAN
refund-new-iban-help = Serve per il rimborso. Il conto deve essere intestato a te, da solo o con un’altra persona. Lo conserviamo cifrato: nelle pagine ne vedi solo l’inizio e la fine.
refund-new-iban-no-book = Serve per il rimborso. Il conto deve essere intestato a te, da solo o con un’altra persona. Non vale un libretto postale.
refund-new-joint = Cointestatario
refund-new-joint-help = Cognome e nome, se il conto è anche di un’altra persona.
refund-new-target = A quale conto
refund-new-note = Che cosa deve sapere l’ufficio
refund-new-send = Invia la richiesta
refund-case-title = Richiesta di rimborso
refund-case-what = Che cosa hai chiesto
refund-case-bank = Rimborso su { $iban }
refund-case-no-bank = Rimborso: manca ancora l’IBAN
refund-case-target = Spostamento al conto { $target }
refund-case-note = Hai scritto
refund-case-withheld = Usati per i tuoi debiti
refund-case-reason = Motivo
refund-case-paid-on = Pagato il
refund-case-next = Che cosa succede ora
refund-case-next-asked = L’ufficio controlla la richiesta e ti scrive nelle Comunicazioni.
refund-case-next-approved = L’ufficio manda il pagamento alla tesoreria e ti scrive quando è fatto.
refund-case-next-listed = La tesoreria sta pagando. Ti scriviamo quando è fatto.
refund-case-next-paid = Non devi fare altro. Il rimborso è nell’estratto conto.
refund-case-next-rejected = Il credito è rimasto sul conto. Controlla l’IBAN e chiedi di nuovo il rimborso.
refund-case-next-returned = Il credito è di nuovo sul conto. Controlla l’IBAN e chiedi di nuovo il rimborso.
refund-case-next-transferred = Non devi fare altro. Lo spostamento è nell’estratto conto.
refund-case-next-refused = Il credito resta sul conto. Se pensi che ci sia un errore, scrivi all’ufficio.
refund-case-next-withdrawn = Il credito resta sul conto. Puoi chiedere di nuovo il rimborso quando vuoi.
refund-case-iban-title = Scrivi il tuo IBAN
refund-case-iban-save = Salva l’IBAN
refund-case-withdraw = Ritira la richiesta
refund-asked = Richiesta inviata.
refund-bank-saved = IBAN salvato.
refund-withdrawn = Richiesta ritirata: il credito resta sul conto.
