import { type Collection, formatExactJson, parseExactJson } from '@lucerna/vector';
import { completeSchema, configurationAnswer, indexChoice } from './collection-schema.ts';
import { settingsOf } from './hnsw-settings.ts';
import { isMembers, memberAt } from './plain-json.ts';
import type { AnswerObject, AnswerValue } from './values.ts';

/** Where a collection's attributes keep its schema. */
const SCHEMA_ATTRIBUTE = 'chroma_schema';

/** The attributes of a collection with this schema; `old` are those that it has. */
export function attributesWith(schema: AnswerObject, old: string | undefined): string {
  return formatExactJson({ ...attributesOf(old), [SCHEMA_ATTRIBUTE]: schema } as FormattableObject);
}

/** The schema of a collection; one that no Chroma client has made has that of its index. */
export function schemaOf({ attributes, index }: Collection): AnswerObject {
  const schema = memberAt(attributesOf(attributes), [SCHEMA_ATTRIBUTE]);
  if (isMembers(schema)) return schema;
  return completeSchema(
    { hnsw: settingsOf(index), embeddingFunction: undefined },
    undefined,
    'exact',
  );
}

/** A collection as clients get it. */
export function collectionAnswer(collection: Collection): AnswerObject {
  const schema = schemaOf(collection);
  const { dimension } = collection.identity;
  return {
    id: collection.id,
    name: collection.name,
    configuration_json: configurationAnswer(indexChoice(schema)),
    schema,
    metadata: collection.metadata ?? null,
    dimension: dimension === undefined ? null : BigInt(dimension),
    tenant: collection.tenant,
    database: collection.database,
    log_position: 0n,
    version: 0n,
  };
}

type FormattableObject = Parameters<typeof formatExactJson>[0];

function attributesOf(text: string | undefined): AnswerObject {
  const value = text === undefined ? {} : (parseExactJson(text) as AnswerValue);
  return isMembers(value) ? value : {};
}
