import { z } from 'zod';
import { EventDocument } from './event.js';

/** The JSON Schema (2020-12) of an event as stored, in its JSON form: times are text in RFC 3339, UTC. It is committed as `schema/event.schema.json`. */
export function eventJsonSchema(): object {
  const { $schema, description, ...rest } = z.toJSONSchema(EventDocument, {
    target: 'draft-2020-12',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type !== 'date') return;
      jsonSchema.type = 'string';
      jsonSchema.format = 'date-time';
    },
  });
  return { $schema, $id: 'urn:barrage:event', title: 'barrage event', description, ...rest };
}
