-- The page asks what happened to one container.
create index audit_of_subject on audit (subject, id);
