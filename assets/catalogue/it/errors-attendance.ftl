# Presenze e disdette. Le stesse chiavi stanno in en/errors-attendance.ftl.

error-cancel-choose = Scegli almeno un giorno.
error-cancel-past = I giorni passati non si possono disdire.
error-cancel-too-far = Si può disdire fino al { $last }: più avanti non è ancora possibile.
error-cancel-nothing = In quei giorni non c’è nulla da disdire: il servizio non c’è.
error-cancel-range = Il primo giorno viene prima dell’ultimo.
error-restore-late = Il pasto del { $day } non si può più ripristinare: l’orario è passato.
error-restore-nothing = Il pasto del { $day } non risulta disdetto.
error-register-locked = La giornata del { $day } è chiusa: per una correzione rivolgiti all’ufficio.
error-register-future = Il registro del { $day } si compila quel giorno.
error-register-closed = Il { $day } il servizio non c’è.
error-register-changed = Nel frattempo questo registro è cambiato: un’altra persona lo ha salvato, una famiglia ha disdetto o è arrivato un bambino. I tuoi segni sono ancora qui, tranne dove la famiglia ha disdetto: controlla l’elenco e conferma di nuovo.
error-cancel-day-closed = La giornata di oggi è già stata chiusa e addebitata: non si può più disdire. Se c’è un errore, scrivi all’ufficio.
error-desk-day-closed = La giornata di oggi è già stata chiusa e addebitata: non si può più disdire, nemmeno dall’ufficio.
error-desk-already = Nel frattempo quei giorni sono già stati disdetti: le ricevute sono qui sotto.
