//! Who acts. Every read and write takes an [`Actor`] (invariant 7).

use serde::{Deserialize, Serialize};

use super::{PersonId, SchoolId, StaffId};

/// What a member of staff may do, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "role", content = "scope")]
pub enum Role {
    /// Users and settings.
    Admin,
    /// The school office: calls, intake, enrolments, tariffs, messages.
    Office,
    /// The accountant: receipts, attestations, ledger.
    Accountant,
    /// May read diets and certificates; each reading is logged (invariant 9).
    Diets,
    /// Takes money at the cash desk, where the comune has one: beside office or accountant.
    Cashier,
    /// The register of one school.
    School(SchoolId),
}

/// What a route asks of who calls it. The route table names one for each route; there is no
/// other place where a permission is decided by kind of user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Anybody.
    Public,
    /// A citizen who is logged in.
    Citizen,
    /// Staff of the office.
    Office,
    /// Staff who handle money: accountant or office.
    Money,
    /// The accountant alone: opens the cash desk, cancels its receipts of days that are over.
    Accounting,
    /// Staff who take money at the cash desk.
    Cashier,
    /// Staff who may read diets and certificates.
    Diets,
    /// Staff of any school; which school is decided in the query.
    School,
    /// Any member of staff.
    Staff,
    /// Only in a demo folder (invariant 13); anybody there.
    Demo,
}

/// A member of staff and what they may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffActor {
    /// Who.
    pub id: StaffId,
    /// What, and where.
    pub roles: Vec<Role>,
}

impl StaffActor {
    /// True when one of the roles is this one.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// The schools whose registers this person may keep; `None` means all of them (the office).
    pub fn schools(&self) -> Option<Vec<SchoolId>> {
        if self.has(Role::Office) {
            return None;
        }
        let only = |role: &Role| match role {
            Role::School(school) => Some(*school),
            _ => None,
        };
        Some(self.roles.iter().filter_map(only).collect())
    }
}

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Nobody is logged in.
    Stranger,
    /// A parent, for themselves and for the children they are guardian of.
    Citizen(PersonId),
    /// A member of staff.
    Staff(StaffActor),
    /// The counter acting for a person who has no digital identity.
    Desk {
        /// Who sits at the counter.
        staff: StaffActor,
        /// For whom.
        on_behalf_of: PersonId,
    },
    /// The program itself: a job or a command; the text says which.
    System(&'static str),
}

impl Actor {
    /// The person whose things may be seen: the citizen, or who the counter acts for.
    pub fn person(&self) -> Option<PersonId> {
        match self {
            Actor::Citizen(person) => Some(*person),
            Actor::Desk { on_behalf_of, .. } => Some(*on_behalf_of),
            Actor::Stranger | Actor::Staff(_) | Actor::System(_) => None,
        }
    }

    /// The member of staff who acts, also at the counter.
    pub fn staff(&self) -> Option<&StaffActor> {
        match self {
            Actor::Staff(staff) | Actor::Desk { staff, .. } => Some(staff),
            Actor::Stranger | Actor::Citizen(_) | Actor::System(_) => None,
        }
    }

    /// Whether this actor may use a route that asks for `permission`.
    pub fn may(&self, permission: Permission) -> bool {
        let staff_with = |wanted: &[Role]| {
            self.staff()
                .is_some_and(|staff| wanted.iter().any(|role| staff.has(*role)))
        };
        match permission {
            Permission::Public | Permission::Demo => true,
            Permission::Citizen => self.person().is_some(),
            Permission::Office => staff_with(&[Role::Office]),
            Permission::Money => staff_with(&[Role::Office, Role::Accountant]),
            Permission::Accounting => staff_with(&[Role::Accountant]),
            Permission::Cashier => staff_with(&[Role::Cashier]),
            Permission::Diets => staff_with(&[Role::Diets]),
            Permission::School => self
                .staff()
                .is_some_and(|s| s.schools().is_none_or(|list| !list.is_empty())),
            Permission::Staff => matches!(self, Actor::Staff(_)),
        }
    }

    /// How the audit log and the append-only tables name the actor: a kind and a row id.
    pub fn signature(&self) -> (&'static str, Option<i64>) {
        match self {
            Actor::Stranger => ("stranger", None),
            Actor::Citizen(person) => ("citizen", Some(person.0)),
            Actor::Staff(staff) => ("staff", Some(staff.id.0)),
            Actor::Desk { staff, .. } => ("desk", Some(staff.id.0)),
            Actor::System(what) => (what, None),
        }
    }
}
