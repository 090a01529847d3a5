# Conferme dell’ufficio: le frasi che una pagina dice una volta sola dopo un salvataggio.

office-message-sent = Messaggio inviato.
office-application-accepted = Domanda accolta: l’iscrizione è attiva e la famiglia ha ricevuto un messaggio.
office-application-refused = Domanda respinta: la famiglia ha ricevuto il motivo.
office-attestation-ready = L’attestazione { $year } è pronta: aprila e stampala da qui.
office-attestation-nothing = Per il { $year } non c’è nulla da attestare.
