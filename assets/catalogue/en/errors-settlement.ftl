# Reconciliation. The same keys are in it/errors-settlement.ftl.

settlement-too-large = The file is too large: a settlement flow has at most 32 MB.
settlement-not-xml = The file is no XML that can be read: { $reason }
settlement-no-flow = There is no settlement flow (FlussoRiversamento) in this file.
settlement-head = In the head of the flow { $field } is missing or wrong.
settlement-row = In row { $row } of the flow { $field } is missing or wrong.
settlement-foreign = This flow pays another creditor (fiscal code { $creditor }).
settlement-line-known = Movement { $number } is recorded with another causale.
settlement-matched-already = This movement is matched already: part it first.
settlement-in-order = All is in order here: there is nothing to set aside.
settlement-nothing-to-take-back = This row credits nothing by itself: what a receipt has credited is refunded.
journal-too-large = The file is too large: a treasurer's journal has at most 64 MB.
journal-none = There is no treasurer's journal (flusso_giornale_di_cassa) in this file.
journal-field = In the movement { $field } is missing or wrong.
import-sign = The sign is +, E or AVERE for takings, - or STORNO for those taken back, U or DARE for what was paid out.
import-exercise = The financial year has four digits.
import-settlement-alone = Settlement flows are imported one by one, not with the changeover.
sandbox-flow-too-short = There is one payment in this flow: without it there would be no flow.
