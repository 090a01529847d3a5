//! The founding of a comune: who it is, its services, diets and legal texts, in one transaction.

use rusqlite::Transaction;
use serde::{Deserialize, Serialize};

use crate::base::{Actor, Instant, Result, today};
use crate::calls::{LegalKind, NewLegalText};
use crate::diets::Diet;
use crate::municipality::{self, Crest, Municipality, NewPagopa, NewService};
use crate::{calls, diets, isee, store};

/// What a new folder starts with.
#[derive(Clone)]
pub struct Founding {
    /// Who the comune is.
    pub municipality: Municipality,
    /// Its coat of arms.
    pub crest: Option<Crest>,
    /// What it bills.
    pub services: Vec<NewService>,
    /// The diets that its kitchens prepare.
    pub diets: Vec<Diet>,
    /// What applicants accept.
    pub legal: LegalTexts,
    /// The rule on when an ISEE counts (TOML, docs/isee.md).
    pub isee: Option<String>,
    /// Where money paid through pagoPA goes, and how notices are numbered.
    pub pagopa: NewPagopa,
}

/// The first versions of the texts that applicants accept; paragraphs are separated by blank lines.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegalTexts {
    /// The privacy notice (GDPR art. 13).
    pub privacy: LegalText,
    /// The general conditions of the services.
    pub conditions: LegalText,
}

/// A text that applicants accept.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegalText {
    /// Title.
    pub title: String,
    /// Paragraphs.
    pub body: String,
}

/// Stamps an empty database and fills in what a comune starts with.
///
/// # Errors
/// When the database is stamped already, or a value breaks a rule.
pub fn found(tx: &Transaction<'_>, demo: bool, founding: &Founding, now: Instant) -> Result<()> {
    store::set_stamp(tx, demo, now)?;
    municipality::save_municipality(tx, &founding.municipality)?;
    municipality::found_pagopa(tx, &founding.pagopa)?;
    if let Some(crest) = &founding.crest {
        municipality::save_crest(tx, crest)?;
    }
    for service in &founding.services {
        municipality::add_service(tx, service)?;
    }
    let actor = Actor::System("founding");
    for diet in &founding.diets {
        diets::save_diet(tx, &actor, diet, now)?;
    }
    let legal = &founding.legal;
    for (kind, text) in [
        (LegalKind::Privacy, &legal.privacy),
        (LegalKind::Conditions, &legal.conditions),
    ] {
        let new = NewLegalText {
            kind,
            service: None,
            title: &text.title,
            body: &text.body,
        };
        calls::publish_legal_text(tx, &actor, &new, now)?;
    }
    if let Some(rule) = &founding.isee {
        isee::record_policy(tx, &actor, rule, today(now), now)?;
    }
    Ok(())
}
