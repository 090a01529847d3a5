//! The statement of a payer (estratto conto): the ledger, told line by line.
