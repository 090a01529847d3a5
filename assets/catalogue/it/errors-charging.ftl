# Chiusura delle giornate. Le stesse chiavi stanno in en/errors-charging.ftl.

error-day-postpaid = { $service } si paga dopo, con la bolletta: le sue giornate non si chiudono una per una.
error-day-in-future = Il { $day } deve ancora venire: si può chiudere quando è passato.
error-day-before-cutoff = Le scuole confermano i presenti fino alle { $time }: oggi si può chiudere dopo quell’ora.
error-day-not-running = Il { $day } il servizio { $service } non c’è: non c’è nulla da chiudere.
error-day-closed = La giornata del { $day } di { $service } è già chiusa.
error-period-reversed = Il secondo giorno viene prima del primo: scambiali.
