//! The comune itself: who it is, its schools, classes and services.

mod crest;
mod pagopa;
mod rhythm;
mod schools;
mod segregation_code;
mod services;
mod settings;
mod taxonomy;

pub use crest::{Crest, LARGEST_CREST, crest, save_crest};
pub use pagopa::{
    FEW_BASES, LAST_BASE, NOTICE_BASES, NewPagopa, PagopaSettings, ServicePagopa, change_pagopa,
    change_service_pagopa, exported_pagopa, found_pagopa, next_base, pagopa_settings,
};
pub use rhythm::{NotARhythm, Rhythm};
pub use schools::{
    Grade, NewSchool, SchoolClassRow, SchoolRow, add_class, add_school, class, class_by_public_id,
    classes_of_year, find_class, school_by_code, schools,
};
pub use segregation_code::{SegregationCode, SegregationCodeError};
pub use services::{
    Billing, NewService, Service, ServiceKind, add_service, place_in_budget, service,
    service_by_code, service_by_public_id, services, set_bill_rhythm,
};
pub use settings::{Municipality, Shown, WebAddress, municipality, save_municipality, shown};
pub use taxonomy::{PREFIXES, SCHOOL_CODES, taxonomy, taxonomy_parts};
