# Codici e file: codice fiscale, numero avviso, codice fiscale dell’ente, file CSV. Le stesse chiavi stanno in en/codes.ftl.

fiscal-code-length = Il codice fiscale ha 16 caratteri (11 cifre se è provvisorio): qui ce ne sono { $found }.
fiscal-code-character = Il carattere numero { $position } del codice fiscale non può essere «{ $found }». Controlla anche di non aver scambiato la lettera O con lo zero.
fiscal-code-month = Il nono carattere del codice fiscale indica il mese di nascita e non può essere «{ $found }».
fiscal-code-day = Il decimo e l’undicesimo carattere del codice fiscale indicano il giorno di nascita e non possono essere «{ $found }».
fiscal-code-check = Il codice fiscale contiene un errore di battitura: confrontalo con la tessera sanitaria.
fiscal-code-check-digit = Il codice fiscale provvisorio contiene un errore di battitura: confrontalo con il certificato dell’Agenzia delle Entrate.

fiscal-code-other-surname = Il cognome non corrisponde al codice fiscale. Se il codice è quello della tessera sanitaria, puoi proseguire.
fiscal-code-other-name = Il nome non corrisponde al codice fiscale. Se il codice è quello della tessera sanitaria, puoi proseguire.
fiscal-code-other-birth-date = La data di nascita non corrisponde al codice fiscale. Se il codice è quello della tessera sanitaria, puoi proseguire.
fiscal-code-other-sex = Il sesso non corrisponde al codice fiscale. Se il codice è quello della tessera sanitaria, puoi proseguire.
fiscal-code-other-birth-place = Il luogo di nascita non corrisponde al codice fiscale. Se il codice è quello della tessera sanitaria, puoi proseguire.

entity-code-digits = Il codice fiscale dell’ente ha 11 cifre.
entity-code-check = Il codice fiscale dell’ente contiene un errore di battitura: controlla le cifre.

notice-number-length = Il codice avviso ha 18 cifre: qui ce ne sono { $found }.
notice-number-not-a-digit = Il codice avviso ha solo cifre: il carattere numero { $position } è «{ $found }».
notice-number-first-digit = Il codice avviso comincia con 0, 1, 2 o 3, non con { $found }.
notice-number-check = Il codice avviso contiene un errore di battitura: confrontalo con l’avviso di pagamento.
notice-number-base = I numeri per gli avvisi di pagamento sono finiti: chiama chi gestisce il programma.

# File CSV importati.
csv-empty = Il file è vuoto.
csv-spreadsheet = Il file è un foglio di calcolo. Aprilo, scegli «Salva con nome», poi «CSV UTF-8», e carica il nuovo file.
csv-missing-columns = Mancano queste colonne: { $missing }. Nel file ci sono: { $present }.
csv-column-twice = La colonna { $column } c’è due volte: lasciane una sola.
csv-field-count = La riga ha { $found } campi invece di { $expected }. Controlla che non ci siano un a capo o un separatore di troppo.
csv-illegible = La riga contiene caratteri illeggibili: salva di nuovo il file come «CSV UTF-8».
csv-row-too-long = La riga non finisce mai: forse mancano le virgolette di chiusura.
csv-unreadable = Il file non si può leggere: { $reason }
csv-mapping-unknown = la mappatura nomina una colonna { $column } che questa importazione non ha: ha { $known }
