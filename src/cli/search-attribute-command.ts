import type { SearchAttributeTypes } from '../engines/search-attributes.js';

/** What an administrator types where barrage may not register search attributes itself, in backticks. */
export const creatingCommand = (namespace: string, types: SearchAttributeTypes): string => {
  const each = Object.entries(types).map(([name, type]) => ` --name ${name} --type ${type}`);
  return `\`temporal operator search-attribute create --namespace ${namespace}${each.join('')}\``;
};
