-- The index of an archive: a table for each bucket. See FORMAT.md for what keys and values mean. Values are compressed already, where that pays.

-- +goose Up
-- +goose StatementBegin
do $$
declare bucket text;
begin
	foreach bucket in array array['meta', 'files', 'records', 'bodies', 'snapshots', 'terms', 'history', 'annexes', 'origins', 'paths',
		'declarations', 'cursors', 'judged', 'erased', 'forgotten', 'moved', 'pending', 'versions', 'timeline', 'documents', 'parts', 'doomed']
	loop
		execute format('create table kv_%s (key bytea primary key, value bytea not null)', bucket);
		execute format('alter table kv_%s alter column value set storage external', bucket);
	end loop;
	foreach bucket in array array['attempts', 'decisions', 'opinions', 'tellings', 'derived', 'vault']
	loop
		execute format('create table kv_%s (sub bytea, key bytea, value bytea not null, primary key (sub, key))', bucket);
		execute format('alter table kv_%s alter column value set storage external', bucket);
	end loop;
end
$$;
-- +goose StatementEnd
create table kv_sequences (bucket text primary key, n bigint not null);
