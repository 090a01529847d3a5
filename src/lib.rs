//! Campanella: the school-services desk of an Italian comune in one executable.
//!
//! Read this file as the map. The domain is cut by subject; a slice holds its types, its rules
//! and its SQL, and knows nothing of HTTP. `cli` and `web` call `processes` and slices; slices
//! call `store`, `pdf`, `catalogue` and `base`. Who may import whom is a test
//! (`tests/architecture.rs`).

// What everything stands on.
pub mod app;
pub mod assets;
pub mod base;
pub mod catalogue;
pub mod config;
pub mod pdf;
pub mod store;

// The comune and its people.
pub mod identity;
pub mod municipality;
pub mod people;

// From the application to the enrolment.
pub mod applications;
pub mod calls;
pub mod diets;
pub mod documents;
pub mod enrolments;
pub mod isee;

// The days.
pub mod attendance;
pub mod calendar;

// Money.
pub mod alerts;
pub mod attestations;
pub mod billing;
pub mod cash_desk;
pub mod charging;
pub mod ledger;
pub mod payments;
pub mod plans;
pub mod refunds;
pub mod reports;
pub mod settlement;
pub mod statement;
pub mod suspensions;
pub mod tariffs;

// Talking to families.
pub mod app_io;
pub mod feedback;
pub mod messages;
pub mod news;
pub mod notifications;

// Long work, and what needs several slices.
pub mod jobs;
pub mod processes;

// The ways in.
pub mod cli;
pub mod demo;
pub mod web;

#[cfg(test)]
mod testing;
