-- For scripts. Only the hash of a token is kept, and its first characters, for people to know it by.
create table api_tokens (
  tid integer primary key autoincrement,
  uid integer not null references users (uid) on delete cascade,
  name text not null,
  token_hash text not null unique,
  prefix text not null,
  may_read integer not null constraint api_tokens_read check (may_read in (0, 1)),
  may_write integer not null constraint api_tokens_write check (may_write in (0, 1)),
  may_admin integer not null constraint api_tokens_admin check (may_admin in (0, 1)),
  created_at integer not null,
  expires_at integer not null,
  last_used_at integer not null
) strict;
create index api_tokens_of_user on api_tokens (uid, tid);
