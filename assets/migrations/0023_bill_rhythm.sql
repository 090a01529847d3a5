-- In which rhythm a service is billed: none, monthly, two-months, yearly, or the first days of terms.
alter table service add column bill_rhythm text not null default 'none';
