-- SQLite. Times are milliseconds since 1970; ids are never used again (autoincrement); absent references are null.

create table meta (
  key text primary key not null,
  value text not null
) strict, without rowid;

create table users (
  uid integer primary key autoincrement,
  name text not null collate nocase unique,
  email text not null collate nocase unique,
  password_hash text not null,
  role text not null constraint users_role check (role in ('user', 'admin')),
  disabled integer not null constraint users_disabled check (disabled in (0, 1)),
  created_at integer not null
) strict;

-- sid tells which session is older when two are made within a millisecond.
create table sessions (
  sid integer primary key autoincrement,
  token_hash text not null unique,
  uid integer not null references users (uid) on delete cascade,
  created_at integer not null,
  last_seen_at integer not null,
  expires_at integer not null
) strict;
create index sessions_of_user on sessions (uid, sid);

create table devices (
  did integer primary key autoincrement,
  name text not null collate nocase unique,
  endpoint text not null,
  engine_id text not null,
  cpu_cores integer not null constraint devices_cpu check (cpu_cores >= 0),
  memory_mb integer not null constraint devices_memory check (memory_mb >= 0),
  cpu_name text not null,
  ip text not null,
  data_dir text not null,
  pub_dir text not null,
  port_first integer not null,
  port_last integer not null,
  constraint devices_ports check (port_first between 0 and 65535 and port_last between port_first and 65535)
) strict;

create table gpus (
  gid integer primary key autoincrement,
  did integer not null references devices (did),
  uuid text not null,
  model text not null,
  present integer not null constraint gpus_present check (present in (0, 1)),
  unique (did, uuid)
) strict;

create table images (
  iid integer primary key autoincrement,
  did integer not null references devices (did),
  name text not null,
  owner integer references users (uid),
  is_public integer not null constraint images_public check (is_public in (0, 1)),
  reference text not null,
  size_bytes integer not null constraint images_size check (size_bytes >= 0),
  state text not null constraint images_state check (state in ('saving', 'ready', 'removing')),
  source integer,
  created_at integer not null
) strict;
create index images_of_owner on images (owner);
create index images_on_device on images (did);
create index images_public on images (iid) where is_public = 1;

create table containers (
  cid integer primary key autoincrement,
  kind text not null,
  owner integer references users (uid),
  did integer not null references devices (did),
  iid integer references images (iid),
  slot integer not null,
  session_id text not null,
  name text not null,
  cpu_cores integer not null constraint containers_cpu check (cpu_cores between 1 and 4096),
  memory_mb integer not null constraint containers_memory check (memory_mb >= 64),
  wanted text not null constraint containers_wanted check (wanted in ('running', 'stopped', 'gone')),
  state text not null
    constraint containers_state check (state in ('creating', 'running', 'paused', 'stopped')),
  start_pending integer not null constraint containers_start_pending check (start_pending in (0, 1)),
  holds integer not null constraint containers_holds check (holds in (0, 1)),
  made integer not null constraint containers_made check (made in (0, 1)),
  rebuild integer not null constraint containers_rebuild check (rebuild in (0, 1)),
  generation integer not null constraint containers_generation check (generation >= 1),
  sealed_password text not null,
  reason text not null,
  created_at integer not null,
  started_at integer not null,
  constraint containers_kind check (
    (kind = 'workspace' and slot = 0 and owner is not null)
    or (kind = 'matlab' and slot >= 1 and owner is null)),
  constraint containers_rebuild_needs_files check (rebuild = 0 or made = 1)
) strict;
create index containers_of_owner on containers (owner);
create index containers_on_device on containers (did);
create index containers_of_image on containers (iid);
create unique index containers_slot on containers (slot) where kind = 'matlab';

-- One host port of a device is in one row at most, for as long as the row lives.
create table container_ports (
  cid integer not null references containers (cid) on delete cascade,
  place integer not null,
  did integer not null references devices (did),
  container_port integer not null
    constraint container_ports_inside check (container_port between 1 and 65535),
  host_port integer not null constraint container_ports_outside check (host_port between 1 and 65535),
  primary key (cid, place),
  unique (did, host_port)
) strict, without rowid;

-- Remembered while stopped (holds = 0); a card is held by one container at most.
create table container_gpus (
  cid integer not null references containers (cid) on delete cascade,
  place integer not null,
  gid integer not null references gpus (gid),
  holds integer not null constraint container_gpus_holds check (holds in (0, 1)),
  primary key (cid, place),
  unique (cid, gid)
) strict, without rowid;
create unique index container_gpus_held on container_gpus (gid) where holds = 1;

-- Whole rows in one question: "22:30001 8888:30002" and "3 1" in the order they were given.
create view whole_containers as
select
  c.*,
  (select coalesce(group_concat(p.container_port || ':' || p.host_port, ' '), '')
   from (select container_port, host_port from container_ports
         where container_ports.cid = c.cid order by place) as p) as ports,
  (select coalesce(group_concat(g.gid, ' '), '')
   from (select gid from container_gpus where container_gpus.cid = c.cid order by place) as g) as gpus
from containers as c;

create table audit (
  id integer primary key autoincrement,
  at integer not null,
  actor integer,
  action text not null,
  subject text not null,
  outcome text not null
) strict;
