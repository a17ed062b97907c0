export { createToolReview } from "./create-tool-review.ts";
export { reviewTopic, ReviewHint } from "./review-topic.ts";
