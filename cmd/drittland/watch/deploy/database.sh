#!/bin/bash
# Makes the roles and the database of compose.yaml, once, when the volume of the database is empty: those of SERVER.md.
set -euo pipefail
psql --no-psqlrc --username postgres --dbname postgres --set ON_ERROR_STOP=1 --set password="$(cat /run/secrets/database-password)" <<'SQL'
CREATE ROLE drittland LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE ROLE drittland_org NOLOGIN;
GRANT drittland_org TO drittland;
CREATE ROLE drittland_backup LOGIN NOSUPERUSER BYPASSRLS;
GRANT pg_read_all_data TO drittland_backup;
CREATE DATABASE drittland OWNER drittland;
REVOKE ALL ON DATABASE drittland FROM PUBLIC;
GRANT CONNECT ON DATABASE drittland TO drittland_backup;
SQL
