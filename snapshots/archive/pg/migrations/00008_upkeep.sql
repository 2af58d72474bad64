-- What keeps an archive on a server in order.

-- +goose Up

-- Objects that hold a stretch of a capture file and that no part names any more: number of the file (4), offset (8), name → length (8), since when (8).
create table kv_spare (key bytea primary key, value bytea not null);
alter table kv_spare alter column value set storage external;

-- What workers have read of the robots.txt of hosts. It is deleted when it holds no longer.
create table robots (
	origin text primary key,
	read_at timestamptz not null default now(),
	until timestamptz not null,
	said bytea not null
);
create index robots_until on robots (until);
