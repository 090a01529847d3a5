# Servizi sospesi. Le chiavi che cominciano per «error» sono anche in en/suspensions.ftl.

error-suspension-reason = Scrivi il motivo: la famiglia lo legge.
error-suspension-day = Scegli un giorno dopo oggi ed entro il { $last }: la famiglia deve saperlo prima.
error-suspension-nothing = Nel frattempo nessuno di questi servizi è più da sospendere: guarda di nuovo l’elenco.
error-suspension-choose = Scegli almeno un servizio.
error-interrupted-already = Nel frattempo uno di questi servizi è già stato sospeso: guarda di nuovo l’elenco.
error-interrupted-no-more = Nel frattempo questo servizio è già ripreso: guarda di nuovo l’elenco.

# Ufficio

office-suspended = Sospensioni registrate: le famiglie hanno ricevuto un messaggio con il pulsante per pagare. Chi ha pagato nel frattempo è rimasto fuori.
office-reactivated = Servizio riattivato: la famiglia ha ricevuto il motivo.

# Famiglia

suspended-title = { $service } di { $child }: servizio sospeso
suspended-future-title = { $service } di { $child }: servizio sospeso da { $day }
suspended-since = Il servizio è sospeso da { $day }.
suspended-future = Fino ad allora tutto resta come adesso.
suspended-why = Perché: { $reason }
suspended-debt = Sul conto mancano { $owed }. Il servizio riprende da solo quando il debito scende sotto { $limit }.
suspended-debt-only = Sul conto mancano { $owed }.
suspended-pay = Paga adesso
suspended-plan = Chiedi di pagare a rate
suspended-write = Se hai difficoltà a pagare scrivi all’ufficio: cerchiamo una soluzione insieme.
suspended-other = I pagamenti di questo servizio li fa un’altra persona: per riprenderlo deve pagare lei.
suspended-present = Se un giorno tuo figlio usa lo stesso il servizio, quel giorno si paga come sempre.
