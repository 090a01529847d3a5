//! Calls for applications (avvisi): what can be applied for, and when.
