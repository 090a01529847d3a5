error-no-rating = Choose a rating from 1 to 5.
