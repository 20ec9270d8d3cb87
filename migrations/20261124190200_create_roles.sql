-- Roles belong to the whole cluster: they may be there already, or be made by another database at this very moment.
DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['petition_reader', 'petition_identity', 'petition_ops'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
    END LOOP;
END
$$;

REVOKE ALL ON SCHEMA petitiond FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA national_v1 FROM PUBLIC;

GRANT USAGE ON SCHEMA national_v1 TO petition_reader, petition_identity, petition_ops;

GRANT SELECT ON national_v1.petition, national_v1.petition_alias, national_v1.case_alias, national_v1.reception_alias,
    national_v1.person_alias, national_v1.filing, national_v1.reception, national_v1.case_file, national_v1.petitioner, national_v1.petitioner_record,
    national_v1.event, national_v1.source_record, national_v1.field_origin, national_v1.link, national_v1.change,
    national_v1.agency, national_v1.admin_unit, national_v1.category, national_v1.deadline_rule, national_v1.source_status,
    national_v1.source_quality, national_v1.quality_cause
    TO petition_reader, petition_identity;
GRANT EXECUTE ON FUNCTION national_v1.changes(bigint, integer) TO petition_reader, petition_identity;
GRANT SELECT ON national_v1.petitioner_identity TO petition_identity;

GRANT SELECT ON national_v1.source_status, national_v1.source_quality, national_v1.quality_cause, national_v1.quarantine,
    national_v1.agency TO petition_ops;

GRANT EXECUTE ON FUNCTION petitiond.scope() TO petition_reader, petition_identity, petition_ops;
