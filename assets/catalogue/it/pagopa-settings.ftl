# Le impostazioni di pagoPA: che cosa non va. Le stesse chiavi stanno in en/pagopa-settings.ftl.

error-taxonomy = Scegli una voce della tassonomia di pagoPA: si scrive come 9/0107101TS/.
error-postal-account = Il numero del conto postale ha da 1 a 12 cifre.
error-postal-iban = Questo IBAN non è quello del conto postale: comincia con IT, contiene 07601 e finisce con il numero del conto.
error-postal-holder = L’intestatario può avere al massimo 50 caratteri: è lo spazio sul bollettino.
error-postal-authorisation = L’autorizzazione comincia con AUT. e ha al massimo 60 caratteri, per esempio: AUT. DB/XXXX/XXX 00000 DEL 01/01/2026.
error-authorisation-without-account = L’autorizzazione serve solo con un conto postale: scrivi anche il conto.
error-first-base = Scrivi un numero da 1 a 9999999999999.
error-first-base-given = I numeri fino a quello prima di { $next } sono già stati dati: scrivi { $next } o un numero più grande.
