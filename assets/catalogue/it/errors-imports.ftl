# Importazioni. Le stesse chiavi stanno in en/errors-imports.ftl.

import-not-found = Non trovato.
import-sex = Il sesso si scrive F o M.
import-title = Il titolo è genitore, tutore o affidatario.
import-grade = Il grado è nido, infanzia, primaria o secondaria.
import-school-year = L’anno scolastico si scrive 2026/2027.
import-isee-kind = Il tipo di ISEE è minorenni, ordinario o corrente.
import-yes-no = Scrivi si o no.
import-no-school = Non c’è un plesso con codice { $code }: importa prima i plessi.
import-no-class = Non c’è la classe { $name } in quel plesso e anno: importa prima le classi.
import-no-service = Non c’è un servizio con codice { $code }.
import-no-person = Nessuno ha questo codice fiscale: importa prima residenti e bambini.
import-not-enrolled = Il bambino non è iscritto a questo servizio in quel giorno.
import-tariff-applies = Manca la riga applies con servizio e data di inizio.
import-no-service-day = Il servizio non c’è in quel giorno.
