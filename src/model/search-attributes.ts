/** What the UI's list of workflows can be asked for, with Temporal's type of each. Part of the product: queries people saved depend on it. */
export const SEARCH_ATTRIBUTES = {
  Platform: 'Keyword',
  RoomId: 'Keyword',
  RoomState: 'Keyword',
  Popularity: 'Int',
  StartedBy: 'Keyword',
} as const;
