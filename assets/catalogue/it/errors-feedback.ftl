error-no-rating = Scegli un voto da 1 a 5.
