// What docs/openapi.json describes and the server does not serve yet: the page does not offer it. The mock lab serves all of it
// and sets VITE_SERVES_ALL.
const all = import.meta.env.VITE_SERVES_ALL === 'yes'
export const served = { tokens: all }
