//! Pulls the facts of a day, prices them, posts them.
