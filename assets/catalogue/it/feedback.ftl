# Che cosa pensa di una pagina chi la visita.

feedback-title = La tua valutazione
feedback-question-page = Quanto sono chiare le informazioni su questa pagina?
feedback-question-service = Quanto è stato facile usare questo servizio?
feedback-scale = Da 1 (per niente) a 5 (molto).
feedback-rating = Valuta { $n } su 5
feedback-go-on = Continua
feedback-given = Hai dato { $n } su 5. Se vuoi, dicci perché: la risposta è anonima.
feedback-liked = Quali sono stati gli aspetti che hai preferito?
feedback-missed = Dove hai incontrato le maggiori difficoltà?
feedback-high-clear = Le indicazioni erano chiare
feedback-high-complete = Le indicazioni erano complete
feedback-high-guided = Capivo sempre che stavo procedendo correttamente
feedback-high-working = Non ho avuto problemi tecnici
feedback-low-clear = A volte le indicazioni non erano chiare
feedback-low-complete = A volte le indicazioni non erano complete
feedback-low-guided = A volte non capivo se stavo procedendo correttamente
feedback-low-working = Ho avuto problemi tecnici
feedback-other = Altro
feedback-comment = Vuoi aggiungere altri dettagli?
feedback-comment-help = Al massimo { $max } caratteri. Non scrivere nomi né altri dati personali: a una valutazione non possiamo rispondere.
feedback-send = Invia la valutazione
feedback-thanks-title = Grazie
feedback-thanks = La tua valutazione ci aiuta a migliorare i servizi. È anonima: se aspetti una risposta, scrivi all’ufficio.
