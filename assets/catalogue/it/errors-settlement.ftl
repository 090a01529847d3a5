# Riconciliazione. Le stesse chiavi stanno in en/errors-settlement.ftl.

settlement-too-large = Il file è troppo grande: un flusso di rendicontazione ha al massimo 32 MB.
settlement-not-xml = Il file non è un XML che si può leggere: { $reason }
settlement-no-flow = In questo file non c’è un flusso di rendicontazione (FlussoRiversamento).
settlement-head = Nell’intestazione del flusso manca o è sbagliato { $field }.
settlement-row = Nella riga { $row } del flusso manca o è sbagliato { $field }.
settlement-foreign = Questo flusso paga un altro ente (codice fiscale { $creditor }).
settlement-line-known = Il movimento { $number } è già registrato con un’altra causale.
settlement-matched-already = Questo movimento è già abbinato: prima separalo.
settlement-in-order = Qui è tutto in ordine: non c’è niente da mettere da parte.
settlement-nothing-to-take-back = Questa riga non ha accreditato niente da sola: se c’è una ricevuta, il denaro si restituisce con un rimborso.
journal-too-large = Il file è troppo grande: un giornale di cassa ha al massimo 64 MB.
journal-none = In questo file non c’è un giornale di cassa (flusso_giornale_di_cassa).
journal-field = Nel movimento manca o è sbagliato { $field }.
import-sign = Il segno è +, E o AVERE per le entrate, - o STORNO per quelle stornate, U o DARE per le uscite.
import-exercise = L’esercizio è un anno di quattro cifre.
import-settlement-alone = I flussi di rendicontazione si importano uno alla volta, non con il cambio di sistema.
sandbox-flow-too-short = In questo flusso c’è un pagamento solo: senza non sarebbe più un flusso.
