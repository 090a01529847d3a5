-- ISEEs by the moment at which the office knew them: the list of those that came late.
create index isee_by_recording on isee (recorded_at);
