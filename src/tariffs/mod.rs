//! Tariffs: rules as data, the pure engine, explanations.
