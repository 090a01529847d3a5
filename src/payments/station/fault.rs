//! Faults: what the node is told when the answer is KO, and what a program is told that does not
//! speak SOAP.

use crate::payments::positions;

/// A refusal with its fixed words ("Gestione degli errori", Dominio EC).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// `idPA`, or the creditor of the QR, is not this comune.
    WrongCreditor,
    /// `idBrokerPA` is not who runs this station.
    WrongBroker,
    /// `idStation` is not this station.
    WrongStation,
    /// The notice can't be paid as it stands.
    Payment(positions::Fault),
    /// The payer was shown another amount.
    WrongAmount,
    /// What is asked makes no sense here.
    Semantics,
    /// A field is missing or not as the schema says: the operations of the second generation.
    Syntax,
    /// The same for the operations of the first generation, as their table lists it.
    ExtraSyntax,
    /// It is our fault: to be asked again.
    System,
}

impl From<positions::Fault> for Fault {
    fn from(fault: positions::Fault) -> Fault {
        Fault::Payment(fault)
    }
}

impl Fault {
    /// `faultCode`.
    pub fn code(self) -> &'static str {
        match self {
            Fault::WrongCreditor => "PAA_ID_DOMINIO_ERRATO",
            Fault::WrongBroker => "PAA_ID_INTERMEDIARIO_ERRATO",
            Fault::WrongStation => "PAA_STAZIONE_INT_ERRATA",
            Fault::Payment(fault) => fault.code(),
            Fault::WrongAmount => "PAA_ATTIVA_RPT_IMPORTO_NON_VALIDO",
            Fault::Semantics => "PAA_SEMANTICA",
            Fault::Syntax => "PAA_SINTASSI_XSD",
            Fault::ExtraSyntax => "PAA_SINTASSI_EXTRAXSD",
            Fault::System => "PAA_SYSTEM_ERROR",
        }
    }

    /// `faultString`. These are words of the protocol, not of the catalogue.
    pub fn words(self) -> &'static str {
        match self {
            Fault::WrongCreditor => "La PAA non corrisponde al Dominio indicato",
            Fault::WrongBroker => "Identificativo intermediario non corrispondente",
            Fault::WrongStation => "Stazione intermediario non corrispondente",
            Fault::Payment(fault) => fault.sentence(),
            Fault::WrongAmount => {
                "L’importo del pagamento in attesa non è congruente con il dato indicato dal PSP"
            }
            Fault::Semantics => "Errore semantico",
            Fault::Syntax => "Errore di sintassi XSD",
            Fault::ExtraSyntax => "Errore di sintassi extra XSD",
            Fault::System => "Errore generico",
        }
    }
}

/// Why bytes are no request: the only case that is answered with a SOAP Fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSoap {
    /// More than 256 kB.
    #[error("an envelope is at most 256 kB")]
    TooLarge,
    /// Not well-formed, with a document type, or nested without end.
    #[error("not well-formed XML: {0}")]
    Xml(String),
    /// The root is no envelope of SOAP 1.1.
    #[error("the root is no SOAP 1.1 envelope")]
    NoEnvelope,
    /// The body has no element, or one that the station does not know.
    #[error("the body asks for none of the six operations")]
    NoOperation,
}

impl NotSoap {
    /// `faultcode`.
    pub(super) fn code(&self) -> &'static str {
        match self {
            NotSoap::NoEnvelope => "VersionMismatch",
            _ => "Client",
        }
    }
}
