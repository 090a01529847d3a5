//! `campanella user`: staff accounts.

use std::io::{BufRead, IsTerminal};

use serde_json::json;

use super::{Done, Place, output};
use crate::base::{Actor, Error, Result, Role};
use crate::identity::{self, NewStaff};
use crate::municipality;
use crate::store::{self, AuditEvent, Urgency};

/// Staff accounts.
#[derive(clap::Subcommand)]
pub enum Action {
    /// Add an account; the password is asked for, or read from stdin
    #[command(after_help = "\
Examples:
  campanella user add carla.neri --name 'Carla Neri' --role office --role diets
  campanella user add scuola1 --name 'Primaria Manzoni' --role school:PRIM1

JSON:
  {\"username\": \"carla.neri\", \"login\": \"https://scuola.comune.example.it/ufficio\"}")]
    Add {
        /// What is typed at the login
        username: String,
        /// The name that colleagues see
        #[arg(long)]
        name: String,
        /// admin, office, accountant, diets, cashier, or school:CODE; several times for several roles
        #[arg(long = "role", required = true, value_name = "ROLE")]
        roles: Vec<String>,
        /// For machines
        #[arg(long)]
        json: bool,
    },
    /// Give an account these roles instead of those that it has
    #[command(after_help = "\
Examples:
  campanella user roles carla.neri --role office --role diets --role cashier

JSON:
  {\"username\": \"carla.neri\"}")]
    Roles {
        /// What is typed at the login
        username: String,
        /// admin, office, accountant, diets, cashier, or school:CODE; several times for several roles
        #[arg(long = "role", required = true, value_name = "ROLE")]
        roles: Vec<String>,
        /// For machines
        #[arg(long)]
        json: bool,
    },
    /// List the accounts
    #[command(after_help = "\
Examples:
  campanella user list
  campanella user list --json

JSON:
  {\"users\": [{\"username\": \"carla.neri\", \"name\": \"Carla Neri\", \"roles\": \"office\", \"disabled\": false}]}")]
    List {
        /// For machines
        #[arg(long)]
        json: bool,
    },
    /// Disable an account and end its sessions
    #[command(after_help = "\
Examples:
  campanella user disable carla.neri

JSON:
  {\"username\": \"carla.neri\"}")]
    Disable {
        /// What is typed at the login
        username: String,
        /// For machines
        #[arg(long)]
        json: bool,
    },
    /// Give an account a new password (asked for, or read from stdin) and end its sessions
    #[command(after_help = "\
Examples:
  campanella user password carla.neri

JSON:
  {\"username\": \"carla.neri\"}")]
    Password {
        /// What is typed at the login
        username: String,
        /// For machines
        #[arg(long)]
        json: bool,
    },
}

/// AgID's minimum measures ask for 14 characters for administrators; everybody here sees children's data.
const SHORTEST: usize = 14;

pub(super) fn run(place: &Place, action: &Action) -> Done {
    let app = place.open()?;
    let now = app.now();
    let actor = Actor::System("cli");
    match action {
        Action::Add {
            username,
            name,
            roles,
            json,
        } => {
            let roles = app.store.read(|db| parse_roles(db, roles))?;
            let new = NewStaff {
                username: username.trim().to_lowercase(),
                name: name.clone(),
                password: identity::hash_password(&ask_password()?)?,
                roles,
            };
            let shown = new.username.clone();
            app.store.write(Urgency::Interactive, move |tx| {
                let id = identity::add_staff(tx, &new, now)?;
                note(tx, &actor, now, ("add-user", id.0), json!({}))
            })?;
            let login = format!("{}/ufficio", app.config.public_url);
            if *json {
                output::json(&json!({ "username": shown, "login": login }));
            } else {
                output::line(format!("{shown} can log in at {login}"));
            }
        }
        Action::Roles {
            username,
            roles,
            json,
        } => {
            let (shown, username, words) = (username.clone(), username.clone(), roles.clone());
            app.store.write(Urgency::Interactive, move |tx| {
                let roles = parse_roles(tx, &words)?;
                let id = identity::set_roles(tx, &username, &roles)?;
                note(
                    tx,
                    &actor,
                    now,
                    ("set-roles", id.0),
                    json!({ "after": words }),
                )
            })?;
            done(*json, &shown, "has these roles and no others");
        }
        Action::List { json } => {
            let rows = app.store.read(identity::list_staff)?;
            if *json {
                let rows: Vec<_> = rows.iter().map(|r| json!({
                    "username": r.username, "name": r.name, "roles": r.roles, "disabled": r.disabled,
                })).collect();
                output::json(&json!({ "users": rows }));
            } else {
                for row in rows {
                    let state = if row.disabled { "disabled" } else { "active" };
                    output::line(format!(
                        "{:<20} {:<28} {:<9} {}",
                        row.username, row.name, state, row.roles
                    ));
                }
            }
        }
        Action::Disable { username, json } => {
            let (shown, username) = (username.clone(), username.clone());
            app.store.write(Urgency::Interactive, move |tx| {
                let id = identity::disable_staff(tx, &username)?;
                note(tx, &actor, now, ("disable-user", id.0), json!({}))
            })?;
            done(*json, &shown, "is disabled, and its sessions have ended");
        }
        Action::Password { username, json } => {
            let (shown, username) = (username.clone(), username.clone());
            let password = identity::hash_password(&ask_password()?)?;
            app.store.write(Urgency::Interactive, move |tx| {
                let id = identity::set_password(tx, &username, &password)?;
                note(tx, &actor, now, ("set-password", id.0), json!({}))
            })?;
            done(
                *json,
                &shown,
                "has the new password, and its sessions have ended",
            );
        }
    }
    Ok(())
}

fn done(json: bool, username: &str, what: &str) {
    if json {
        output::json(&json!({ "username": username }));
    } else {
        output::line(format!("{username} {what}"));
    }
}

fn note(
    tx: &rusqlite::Transaction<'_>,
    actor: &Actor,
    now: crate::base::Instant,
    (action, id): (&str, i64),
    payload: serde_json::Value,
) -> Result<()> {
    let event = AuditEvent {
        action,
        subject: "staff",
        subject_id: Some(id),
        payload,
    };
    store::audit(tx, actor, now, &event)
}

fn parse_roles(db: &rusqlite::Connection, words: &[String]) -> Result<Vec<Role>> {
    words.iter().map(|word| parse_role(db, word)).collect()
}

fn parse_role(db: &rusqlite::Connection, text: &str) -> Result<Role> {
    match text.split_once(':') {
        None => match text {
            "admin" => Ok(Role::Admin),
            "office" => Ok(Role::Office),
            "accountant" => Ok(Role::Accountant),
            "diets" => Ok(Role::Diets),
            "cashier" => Ok(Role::Cashier),
            _ => Err(Error::Internal(format!(
                "there is no role `{text}`: use admin, office, accountant, diets, cashier or school:CODE"
            ))),
        },
        Some(("school", code)) => match municipality::school_by_code(db, code)? {
            Some(school) => Ok(Role::School(school)),
            None => Err(Error::Internal(format!(
                "there is no school `{code}`: import the schools first"
            ))),
        },
        Some(_) => Err(Error::Internal(format!("there is no role `{text}`"))),
    }
}

fn ask_password() -> Result<String> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        eprint!("Password (it is shown while you type; pipe it in to avoid that): ");
    }
    let mut line = String::new();
    stdin.lock().read_line(&mut line).map_err(Error::internal)?;
    let password = line.trim_end_matches(['\r', '\n']).to_owned();
    if password.chars().count() < SHORTEST {
        return Err(Error::Internal(format!(
            "a password has at least {SHORTEST} characters"
        )));
    }
    Ok(password)
}
