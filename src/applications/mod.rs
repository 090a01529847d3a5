//! Applications (domande): drafts in six steps, submission, history.
