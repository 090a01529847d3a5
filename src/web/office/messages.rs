use crate::web::route::Route;

pub(super) fn routes() -> Vec<Route> {
    Vec::new()
}
