# Cornice di ogni pagina: testata, avvisi, contatti, piè di pagina, parole fisse dei moduli.

shell-skip = Collegamenti rapidi
shell-skip-content = Vai al contenuto
shell-skip-footer = Vai al piè di pagina
shell-demo = Ambiente dimostrativo: dati inventati
shell-enter = Accedi all’area riservata
shell-user = Accesso effettuato come { $name }
shell-leave = Esci
shell-go-to = Vai a “{ $page }”
shell-home-office = Oggi
shell-home-school = Registri
shell-home-staff = Accesso del personale
shell-home = Pagina iniziale
shell-printed = Stampato { $at }.
shell-crumbs = Percorso
shell-nav = Navigazione principale

shell-title-error = Errore: { $title }
shell-errors = { $count ->
    [one] Controlla 1 risposta
   *[other] Controlla { $count } risposte
}
shell-refused = Non è stato possibile continuare
shell-error-prefix = Errore:

shell-contact-title = Contatta l’ufficio
shell-contact-faq = Leggi le domande frequenti
shell-contact-phone = Chiama il numero { $phone }
shell-contact-email = Scrivi a { $email }
shell-contact-booking = Prenota un appuntamento
shell-contact-booking-subject = Richiesta di appuntamento

shell-footer = Informazioni sul sito
shell-footer-faq = Leggi le FAQ
shell-footer-report = Segnalazione disservizio
shell-footer-privacy = Informativa privacy
shell-footer-accessibility = Dichiarazione di accessibilità
shell-footer-legal = Note legali
shell-footer-pec = PEC: { $pec }

shell-required-note = I campi contraddistinti dal simbolo asterisco (*) sono obbligatori.
shell-optional = (facoltativo)
shell-choose = Scegli
shell-day = Giorno
shell-month = Mese
shell-year = Anno
shell-date-help = Per esempio 03 11 2026
shell-save-draft = Salva bozza
shell-back = Indietro
shell-not-given = Non indicato
shell-edit = Modifica
shell-steps = Passi
shell-step-of = Passo { $n } di { $total }
shell-step-done = Confermato
shell-step-current = Passo attuale
shell-pages = Pagine dell’elenco
shell-page-n = Pagina { $n }
shell-page-of = Pagina { $n } di { $total }
shell-page-previous = Pagina precedente
shell-page-next = Pagina successiva
shell-note-info = Informazione
shell-note-success = Fatto
shell-note-warning = Attenzione
shell-note-danger = Errore
shell-request-id = Codice della richiesta:
