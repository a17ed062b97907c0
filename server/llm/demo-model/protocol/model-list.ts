export const MODEL_ID = "osf-demo";

const MODEL = { id: MODEL_ID, object: "model", created: 1_767_225_600, owned_by: "osf" } as const;

/** `GET /v1/models` */
export const modelList = () => ({ object: "list", data: [MODEL] });

/** `GET /v1/models/{id}`, undefined for an id that is not served here. */
export const modelById = (id: string) => (id === MODEL_ID ? MODEL : undefined);
