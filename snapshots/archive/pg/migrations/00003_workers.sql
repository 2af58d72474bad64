-- What workers tell each other. Their jobs are in tables of River, which lays them out itself.

-- +goose Up

-- Who works. One that has not been seen for a while is dead: others do its jobs.
create table workers (
	id text primary key,
	machine text not null,
	version text not null,
	queues text[] not null,
	started timestamptz not null default now(),
	seen timestamptz not null default now()
);

-- What one worker has at a time: a host that is asked, terms that are read, a duty that is done.
create table turns (
	name text primary key,
	holder text,                                  -- a worker; null if nobody has it
	until timestamptz,                            -- when its lease ends
	next_at timestamptz not null,                 -- before which nobody gets it
	pause interval not null default interval '0'  -- that a host wants between two requests
);
create index turns_holder on turns (holder) where holder is not null;

-- Small files that belong to all workers: the outbox, and what was done.
create table work_files (
	name text primary key,
	data bytea not null,
	changed timestamptz not null default now()
);
