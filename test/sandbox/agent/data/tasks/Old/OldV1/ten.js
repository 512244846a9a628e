console.log('ten');
