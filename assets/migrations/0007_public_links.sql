-- Addresses on the comune's site that every page leads to.
alter table municipality add column faq_url text;
alter table municipality add column legal_url text;
alter table municipality add column report_url text;
alter table municipality add column booking_url text;
