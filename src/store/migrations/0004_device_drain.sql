alter table devices add column draining integer not null default 0
  constraint devices_draining check (draining in (0, 1));
