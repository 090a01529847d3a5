//! On which days a service runs: weekdays, seasons, closures.
