//! Special diets: which child eats which, sealed (DESIGN 6.9).
