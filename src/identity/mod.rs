//! Who somebody is: sessions, staff accounts, the demo identity provider. (SPID, CIE, CNS and OIDC
//! get their rooms here.) Who somebody is says nothing of what they may see: that is decided by
//! guardianships and roles, in the queries.

mod demo_provider;
mod passwords;
mod sessions;
mod staff;
mod verified;

pub use demo_provider::{DemoPerson, demo_identity, demo_newcomer, demo_people};
pub use passwords::{PasswordHash, hash_password, password_matches};
pub use sessions::{
    Session, SessionKind, SessionToken, close_view, end_session, find_session, forget_expired,
    has_flash, open_citizen, open_staff, open_view, open_visitor, set_flash, take_flash, touch,
    viewed,
};
pub use staff::{
    NewStaff, StaffAccount, StaffRow, add_staff, attempt_login, disable_staff, list_staff,
    note_login, set_password, set_roles, staff_actor, staff_name,
};
pub use verified::{Method, VerifiedIdentity, register_identity};
