"""What every migration ends with: grants for the application role, and triggers that it cannot switch off.

pgtrigger lets any session skip its triggers through the setting `pgtrigger.ignore`; the function that reads the setting
is replaced here by one that never does. History functions become security-definer, so that the application role can
cause history rows but not write them.
"""

from typing import Any

from django.apps import AppConfig
from django.db import connections

_SQL = """
DO $do$
DECLARE app text := current_setting('dossier.application_role', true); r record;
BEGIN
    CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name NAME) RETURNS BOOLEAN
        AS 'SELECT FALSE' LANGUAGE sql IMMUTABLE;
    FOR r IN SELECT p.oid::regprocedure AS f FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
             WHERE n.nspname = 'public' AND p.proname LIKE 'pgtrigger_history_%' LOOP
        EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER SET search_path = public, pg_temp', r.f);
        -- One row has one canonical text, whatever the session's settings.
        EXECUTE format('ALTER FUNCTION %s SET timezone = ''UTC''', r.f);
        EXECUTE format('ALTER FUNCTION %s SET bytea_output = ''hex''', r.f);
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', r.f);
    END LOOP;
    CREATE OR REPLACE FUNCTION public.refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN RAISE EXCEPTION ''% is append-only'', TG_TABLE_NAME USING ERRCODE = ''DS002''; END;';
    FOR r IN SELECT unnest(ARRAY['audit_event', 'audit_history', 'audit_seal']) AS t LOOP
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER no_truncate BEFORE TRUNCATE ON %I EXECUTE FUNCTION refuse_truncate()', r.t);
    END LOOP;
    IF app IS NULL OR app = '' OR app = current_user THEN RETURN; END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', app);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO %I', app);
    EXECUTE format('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO %I', app);
    EXECUTE format('GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO %I', app);
    -- Firing a trigger needs no right on its function; attaching it to a table of one's own, to forge history, does.
    FOR r IN SELECT p.oid::regprocedure AS f FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
             WHERE n.nspname = 'public' AND p.proname LIKE 'pgtrigger_history_%' LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM %I', r.f, app);
    END LOOP;
    EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON audit_history FROM %I', app);
    EXECUTE format('REVOKE UPDATE, DELETE ON audit_event, audit_seal FROM %I', app);
    EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM %I', app);
END $do$;
"""


def harden(sender: AppConfig, using: str, **kwargs: Any) -> None:  # noqa: ARG001  (a signal's receiver)
    """Run after `migrate`, as the owner; `APPLICATION_ROLE` in the settings names who is granted."""
    from django.conf import settings

    with connections[using].cursor() as cursor:
        cursor.execute("SELECT set_config('dossier.application_role', %s, false)", [settings.APPLICATION_ROLE])
        cursor.execute(_SQL)
