# «Quanto costa»: il simulatore delle tariffe sulla pagina pubblica.

simulator-title = Quanto costa
simulator-link = Quanto costa: calcola la tariffa di mensa e altri servizi
simulator-intro = Calcola quanto pagheresti con le tariffe pubblicate dal Comune. Non serve entrare.
simulator-services = Servizi
simulator-none = Nessuna tariffa pubblicata
simulator-none-text = Il Comune non ha ancora pubblicato le tariffe: riprova tra qualche giorno o chiedi all’ufficio.
simulator-told = { $service }: pagheresti
simulator-only = È una simulazione.
simulator-only-text = Quello che si paga davvero dipende dall’ISEE registrato e dai giorni di servizio: lo trovi nell’estratto conto.
simulator-instalments = Si paga a rate:
simulator-instalment = entro il { $day }:
simulator-why = Come si è calcolato
simulator-again = Prova con altri dati
simulator-rule = Tariffa: { $rule }.
simulator-from = Vale dal { $day }.
simulator-isee = ISEE in euro
simulator-isee-help = Per esempio 12.345,67. Se lo lasci vuoto si applica il prezzo di chi non ha un ISEE valido.
simulator-isee-used = ISEE usato per la prova: { $value }.
simulator-isee-missing = Senza ISEE: si applica il prezzo di chi non ha un ISEE valido.
simulator-resident = Il bambino risiede nel comune?
simulator-yes = Sì
simulator-no = No
simulator-go = Calcola
simulator-privacy = Quello che scrivi qui non viene conservato.
simulator-number = Scrivi un numero intero da 0 a { $max }.
simulator-fact = { $fact ->
    [child_order] Che figlio è, tra quelli che contano (1 per il primo)
    [users_in_household] Figli che usano il servizio
    [minors_in_household] Minori nel nucleo
    [meals] Pasti
    [days_present] Giorni di presenza
    [opening_days] Giorni di apertura
    [hours] Ore
    [weeks] Settimane
    [months] Mesi
    [periods] Periodi
    [years] Anni
    [times] Volte
    [month] Mese (da 1 a 12)
    [weekday] Giorno della settimana (da 1, lunedì, a 7)
    [entry_day] Giorno del mese in cui entra
    [entry_month] Mese di ingresso (da 1 a 12)
    [exit_day] Giorno del mese in cui lascia il servizio
    [enrolled_days] Giorni di iscrizione nel mese
    [months_since_entry] Mesi dall’ingresso
    [age_months] Età in mesi
    [absence_days] Giorni di assenza
    [illness_days] Giorni di malattia
    [consecutive_absence_days] Giorni di assenza di seguito
    [grade] Scuola
    [school] Plesso
    [timetable] Orario
    [meal_type] Tipo di pasto
    [trip] Corsa
    [occasional] Uso occasionale
    [disability] Il bambino ha una disabilità
    [severe_disability] Il bambino ha una disabilità grave (L. 104/1992 art. 3 c. 3)
    [disabled_minor] Nel nucleo c’è un minore con disabilità
    [social_services_exemption] Esenzione dei servizi sociali
   *[other] { $factlabel }
}
simulator-word = { $word ->
    [nido] nido
    [infanzia] scuola dell’infanzia
    [primaria] scuola primaria
    [secondaria] scuola secondaria di primo grado
    [both] andata e ritorno
    [one_way] sola andata o solo ritorno
   *[other] { $word }
}
