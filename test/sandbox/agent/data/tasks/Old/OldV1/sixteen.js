console.log('sixteen');
