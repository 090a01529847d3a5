//! Bookings, cancellations and registers: append-only facts of a day. Knows nothing of money.
