shell-view = Stai guardando le pagine della famiglia: puoi solo leggere. La vista finisce dopo dieci minuti.
shell-view-close = Chiudi la vista
error-view-reason = Scrivi il motivo: perché ti serve vedere le pagine di questa famiglia?
