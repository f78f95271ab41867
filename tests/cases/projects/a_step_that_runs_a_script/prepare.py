print('rows')
