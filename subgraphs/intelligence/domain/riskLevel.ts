export type RiskLevel = "MINIMAL" | "LOW" | "MODERATE" | "HIGH" | "SEVERE";

/** A score in words: fifths of the scale, each with its lower bound. */
export function riskLevel(score: number): RiskLevel {
  if (score < 0.2) return "MINIMAL";
  if (score < 0.4) return "LOW";
  if (score < 0.6) return "MODERATE";
  return score < 0.8 ? "HIGH" : "SEVERE";
}
