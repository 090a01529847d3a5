//! The families' side, `/area`. One file per page of the manual.

mod home;
mod my_data;

use super::route::{Route, get, post};
use crate::base::Permission::Citizen;

pub(super) fn routes() -> Vec<Route> {
    vec![
        get("/area", Citizen, home::home),
        post("/area/esci", Citizen, home::leave),
        get("/area/dati", Citizen, my_data::show),
        post("/area/dati", Citizen, my_data::save),
    ]
}
